/** What a consumer wants of a topic. */
export interface MessageSelector {
  /** TAG: "a || b", or "*". SQL92: a condition on properties, "region = 'eu' AND amount > 100". */
  readonly type: 'TAG' | 'SQL92';
  readonly expression: string;
}

/** A message filter that the host of the broker registered, by its name; a full class name in Java. */
export interface FilterClass {
  readonly filterClass: string;
}

/** A text is a tag expression; nothing and "*" are all messages. */
export type SubscribeExpression = string | MessageSelector | FilterClass;
