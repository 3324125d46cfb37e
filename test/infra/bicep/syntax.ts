/** An expression of Bicep, as much of the language as `infra/` uses. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | ObjectExpression
  | ForExpression
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly safe: boolean }
  | { readonly kind: 'nested'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'not'; readonly of: Expression };

export interface ObjectExpression {
  readonly kind: 'object';
  readonly properties: readonly { readonly key: Expression; readonly value: Expression }[];
  /** Resources that are declared within the body of their parent. */
  readonly resources: readonly ResourceDeclaration[];
}

export interface ForExpression {
  readonly kind: 'for';
  readonly item: string;
  readonly index: string | undefined;
  readonly items: Expression;
  readonly body: Expression;
  /** `if (…)` before the body. */
  readonly condition: Expression | undefined;
}

/** Decorators by name, with their arguments. */
export type Decorators = ReadonlyMap<string, readonly Expression[]>;

export type Type =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'optional'; readonly of: Type }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'record'; readonly properties: readonly TypedProperty[] };

export interface TypedProperty {
  readonly name: string;
  readonly type: Type;
  readonly decorators: Decorators;
}

export interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly defaultValue: Expression | undefined;
  readonly decorators: Decorators;
}

/** A resource or a module. The body is behind a loop or a condition, if there is one. */
interface Declaration {
  readonly name: string;
  readonly body: ObjectExpression;
  readonly loop: ForExpression | undefined;
  readonly condition: Expression | undefined;
  readonly decorators: Decorators;
}

export interface ResourceDeclaration extends Declaration {
  /** As it is written: with `@` and API version, but without them where it stands within its parent. */
  readonly type: string;
  readonly existing: boolean;
}

export interface ModuleDeclaration extends Declaration {
  readonly path: string;
}

/** One Bicep file. */
export interface Template {
  readonly file: string;
  readonly targetScope: string;
  readonly imports: readonly { readonly names: readonly string[]; readonly path: string }[];
  readonly types: ReadonlyMap<string, Type>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly variables: ReadonlyMap<string, Expression>;
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly modules: ReadonlyMap<string, ModuleDeclaration>;
  readonly outputs: ReadonlyMap<string, Expression>;
}
