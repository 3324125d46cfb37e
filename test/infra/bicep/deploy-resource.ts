import {
  type Context,
  evaluate,
  evaluateLoop,
  evaluateObject,
  type Reference,
  withNames,
} from './evaluate.ts';
import { resourceIdBelow } from './scope.ts';
import type { ResourceDeclaration } from './syntax.ts';
import { EvaluationError, type Fields, merged, textOf } from './values.ts';

/** A resource as it would be made. */
export class DeployedResource implements Reference {
  readonly type: string;
  readonly apiVersion: string;
  /** With the names of its parents, as in `namespace/queue`. */
  readonly name: string;
  readonly id: string;
  readonly existing: boolean;
  /** The file that declares it. */
  readonly file: string;
  /** Everything but name, parent, scope and order. */
  readonly body: Fields;
  readonly #known: Fields;
  readonly #children: ReadonlyMap<string, readonly DeployedResource[]>;

  constructor(
    fields: Omit<DeployedResource, 'member' | 'child' | 'withChildren'>,
    known: Fields,
    children = noChildren,
  ) {
    this.type = fields.type;
    this.apiVersion = fields.apiVersion;
    this.name = fields.name;
    this.id = fields.id;
    this.existing = fields.existing;
    this.file = fields.file;
    this.body = fields.body;
    this.#known = known;
    this.#children = children;
  }

  member(name: string): unknown {
    if (name === 'id' || name === 'type' || name === 'apiVersion') return this[name];
    if (name === 'name') return this.name.split('/').at(-1);
    const value = merged(this.body, this.#known)[name];
    if (value === undefined) throw new EvaluationError(`nobody knows the ${name} of ${this.id}`);
    return value;
  }

  child(name: string): DeployedResource | undefined {
    return this.#children.get(name)?.[0];
  }

  withChildren(): DeployedResource[] {
    const children = [...this.#children.values()].flat();
    return [this, ...children.flatMap((child) => child.withChildren())];
  }
}

const noChildren: ReadonlyMap<string, readonly DeployedResource[]> = new Map();

/** What Azure alone knows of a resource. */
type Knowledge = (type: string, name: string) => Fields;

/** Works out one resource with those that are declared within it. @throws EvaluationError */
export function deployResource(
  declaration: ResourceDeclaration,
  context: Context,
  file: string,
  known: Knowledge,
  outer?: DeployedResource,
): DeployedResource {
  const {
    name: ownName,
    parent = outer,
    scope,
    dependsOn: _,
    ...body
  } = evaluateObject(declaration.body, context);
  const [written = '', version] = declaration.type.split('@');
  const above = parent instanceof DeployedResource ? parent : undefined;
  const type = outer ? `${outer.type}/${written}` : written;
  const name = above ? `${above.name}/${textOf(ownName)}` : textOf(ownName);
  const apiVersion = version ?? outer?.apiVersion;
  if (apiVersion === undefined) throw new EvaluationError(`${type} in ${file} has no API version`);
  const fields = { type, apiVersion, name, existing: declaration.existing, file, body };
  const id = idOf(type, name, scope, above, context);
  const self = new DeployedResource({ ...fields, id }, known(type, name));
  const inner = withNames(context, { [declaration.name]: self });
  const children = new Map(
    declaration.body.resources.map((child) => [child.name, deployChild(child, inner, file, known, self)]),
  );
  return new DeployedResource({ ...fields, id }, known(type, name), children);
}

function deployChild(
  declaration: ResourceDeclaration,
  context: Context,
  file: string,
  known: Knowledge,
  outer: DeployedResource,
): DeployedResource[] {
  const make = (inner: Context) => deployResource(declaration, inner, file, known, outer);
  const { loop, condition } = declaration;
  if (loop) return evaluateLoop(loop, context, make).filter((made) => made instanceof DeployedResource);
  return condition && evaluate(condition, context) !== true ? [] : [make(context)];
}

function idOf(
  type: string,
  name: string,
  scope: unknown,
  above: DeployedResource | undefined,
  context: Context,
): string {
  if (type === 'Microsoft.Resources/resourceGroups') return `${context.scope.id}/resourceGroups/${name}`;
  if (scope === undefined && above) return `${above.id}/${type.split('/').at(-1)}/${name.split('/').at(-1)}`;
  if (scope instanceof DeployedResource) return resourceIdBelow(scope.id, type, name);
  if (scope !== undefined) throw new EvaluationError(`the scope of ${type} ${name} is no resource`);
  return resourceIdBelow(context.scope.id, type, name);
}
