/** What the parser makes of an expression; sql92.peggy has the grammar. */
export type SqlNode =
  | { readonly kind: 'constant'; readonly value: SqlLiteral }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'negate' | 'not'; readonly of: SqlNode }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SqlNode[] }
  | { readonly kind: 'equal'; readonly left: SqlNode; readonly right: SqlNode; readonly isNegated: boolean }
  | { readonly kind: 'isNull'; readonly left: SqlNode; readonly isNegated: boolean }
  | { readonly kind: 'order'; readonly left: SqlNode; readonly operator: OrderOperator; readonly right: SqlNode }
  | {
      readonly kind: 'between';
      readonly left: SqlNode;
      readonly low: SqlNode;
      readonly high: SqlNode;
      readonly isNegated: boolean;
    }
  | { readonly kind: 'in'; readonly left: SqlNode; readonly values: readonly string[]; readonly isNegated: boolean }
  | {
      readonly kind: 'text';
      readonly left: SqlNode;
      readonly operator: TextOperator;
      readonly search: string;
      readonly isNegated: boolean;
    };

export type SqlLiteral = string | boolean | null | { readonly type: 'decimal' | 'float'; readonly digits: string };
export type OrderOperator = '>' | '>=' | '<' | '<=';
export type TextOperator = 'CONTAINS' | 'STARTSWITH' | 'ENDSWITH';

/** An expression comes from a client: none may keep a broker busy, or its stack full. */
export const sqlLimits = {
  /** Of the text, in bytes of UTF-8. */
  bytes: 64 * 1024,
  /** Of parentheses, and of operators inside each other. */
  depth: 128,
  /** Properties, literals and operators. */
  nodes: 10_000,
} as const;

export interface SqlParser {
  /** @throws an error with a message and the `location` of what was not understood. */
  parse(text: string, options: { readonly limits: typeof sqlLimits }): SqlNode;
}
