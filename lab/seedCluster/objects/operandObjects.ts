import { REVISION } from '../identity.ts';
import { type Operand, operandNamespace } from '../operands/operand.ts';
import { configMap, type KubeObject, secret } from './kubeObject.ts';

/** The operands as objects of the cluster; revisioned ones are there twice, as `name` and `name-<revision>`. */
export const operandObjects = (operands: readonly Operand[]): KubeObject[] =>
  operands.flatMap((operand) => {
    const names =
      operand.place === 'revision' ? [operand.name, `${operand.name}-${REVISION}`] : [operand.name];
    return names.map((name) => operandObject(operand, name));
  });

function operandObject({ kind, component, data, type, annotations }: Operand, name: string): KubeObject {
  const metadata = { name, namespace: operandNamespace(component), annotations };
  return kind === 'Secret' ? secret(metadata, data, type) : configMap(metadata, data);
}
