/** A condition in the status of an object. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** All conditions of an object; none where it has no status yet. */
export const conditionsOf = (object: object): readonly Condition[] =>
  (object as { status?: { conditions?: readonly Condition[] } }).status?.conditions ?? [];

/** The condition of that type. */
export const findCondition = (object: object, type: string): Condition | undefined =>
  conditionsOf(object).find((condition) => condition.type === type);
