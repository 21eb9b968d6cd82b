import { Failure } from '#base/failure.ts';

/** Upstream says so of the base domain and the cluster's name, and of no other answer (spec/additions, "wizard EOF"). */
export const wrapUserInput = (answer: Promise<string>): Promise<string> =>
  answer.catch((cause: unknown) => {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({
      code: cause.code,
      message: `failed UserInput: ${cause.message}`,
      ...(cause.hint !== undefined && { hint: cause.hint }),
      facts: cause.facts,
    });
  });
