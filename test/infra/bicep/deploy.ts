import { dirname, join } from 'node:path';
import { boundProblems, typeProblems } from './check-type.ts';
import { DeployedResource, deployResource } from './deploy-resource.ts';
import { type Context, evaluate, evaluateLoop, evaluateObject, type Reference } from './evaluate.ts';
import { parseTemplate } from './parse-template.ts';
import { DeploymentScope } from './scope.ts';
import type { ModuleDeclaration, ResourceDeclaration, Template, Type } from './syntax.ts';
import { EvaluationError, type Fields, fieldsOf, isTrue } from './values.ts';

/** What there is outside of the templates. */
export interface World {
  readonly tenantId: string;
  read(file: string): string;
  /** What Azure alone knows of a resource, such as the object id of an identity. */
  knownAfterDeployment(type: string, name: string): Fields;
}

export interface Deployment {
  /** Everything that would be made, with all modules worked out. */
  readonly resources: readonly DeployedResource[];
  readonly outputs: Fields;
}

/**
 * Works out what a template with its modules would make, without Azure.
 *
 * @throws EvaluationError, BicepSyntaxError
 */
export function deploy(file: string, parameters: Fields, scope: DeploymentScope, world: World): Deployment {
  const resources: DeployedResource[] = [];
  const deployment = new TemplateDeployment(file, parameters, scope, world, resources);
  const outputs = deployment.deployAll();
  return { resources, outputs };
}

class TemplateDeployment implements Context {
  readonly #template: Template;
  readonly #parameters: Fields;
  readonly #world: World;
  readonly #resources: DeployedResource[];
  readonly #workedOut = new Map<string, unknown>();
  readonly scope: DeploymentScope;

  constructor(
    file: string,
    parameters: Fields,
    scope: DeploymentScope,
    world: World,
    resources: DeployedResource[],
  ) {
    this.#template = parseTemplate(world.read(file), file);
    this.#world = world;
    this.#resources = resources;
    this.scope = scope;
    if (this.#template.targetScope !== scope.kind)
      throw new EvaluationError(`${file} is for a ${this.#template.targetScope}, not for a ${scope.kind}`);
    for (const name of Object.keys(parameters))
      if (!this.#template.parameters.has(name)) throw new EvaluationError(`${file} has no parameter ${name}`);
    this.#parameters = parameters;
  }

  get tenantId(): string {
    return this.#world.tenantId;
  }

  readonly read = (path: string): string => this.#world.read(this.#beside(path));

  readonly lookup = (name: string): unknown => {
    if (!this.#workedOut.has(name)) this.#workedOut.set(name, this.#workOut(name));
    return this.#workedOut.get(name);
  };

  deployAll(): Fields {
    const { parameters, variables, resources, modules, outputs } = this.#template;
    for (const names of [parameters, variables, resources, modules])
      for (const name of names.keys()) this.lookup(name);
    return Object.fromEntries([...outputs].map(([name, value]) => [name, evaluate(value, this)]));
  }

  #workOut(name: string): unknown {
    const { parameters, variables, resources, modules, file } = this.#template;
    const variable = variables.get(name);
    if (parameters.has(name)) return this.#parameter(name);
    if (variable) return evaluate(variable, this);
    const resource = resources.get(name);
    if (resource) return this.#each(resource, (context) => this.#resource(resource, context));
    const module = modules.get(name);
    if (module) return this.#each(module, (context) => this.#module(module, context));
    throw new EvaluationError(`${file} has nothing that is called ${name}`);
  }

  #parameter(name: string): unknown {
    const { parameters, file } = this.#template;
    const parameter = parameters.get(name);
    if (!parameter) throw new EvaluationError(`${file} has no parameter ${name}`);
    const given = this.#parameters[name];
    const { type, defaultValue, decorators } = parameter;
    const value = given === undefined && defaultValue ? evaluate(defaultValue, this) : given;
    if (value === undefined) throw new EvaluationError(`${file} needs the parameter ${name}`);
    const problems = [
      ...typeProblems(value, type, name, (wanted) => this.#type(wanted)),
      ...boundProblems(value, decorators, name),
    ];
    if (problems.length > 0) throw new EvaluationError(`${file}: ${problems.join('; ')}`);
    return value;
  }

  #type(name: string): Type | undefined {
    const { types, imports } = this.#template;
    if (types.has(name)) return types.get(name);
    for (const { path } of imports) {
      const { types: imported } = parseTemplate(this.read(path), this.#beside(path));
      if (imported.has(name)) return imported.get(name);
    }
    return undefined;
  }

  #each(declaration: ResourceDeclaration | ModuleDeclaration, make: (context: Context) => unknown): unknown {
    const { loop, condition } = declaration;
    if (loop) return evaluateLoop(loop, this, make);
    return condition && !isTrue(evaluate(condition, this)) ? undefined : make(this);
  }

  #resource(declaration: ResourceDeclaration, context: Context): DeployedResource {
    const resource = deployResource(declaration, context, this.#template.file, (type, name) =>
      this.#world.knownAfterDeployment(type, name),
    );
    this.#resources.push(...resource.withChildren().filter(({ existing }) => !existing));
    return resource;
  }

  #module({ path, body }: ModuleDeclaration, context: Context): Reference {
    const { name, scope, params, dependsOn: _, ...others } = evaluateObject(body, context);
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw new EvaluationError(`${this.#template.file}: a module with ${unknown}`);
    const inner = new TemplateDeployment(
      this.#beside(path),
      fieldsOf(params ?? {}),
      scopeOf(scope) ?? this.scope,
      this.#world,
      this.#resources,
    );
    return new DeployedModule({ name, outputs: inner.deployAll() });
  }

  #beside(path: string): string {
    return join(dirname(this.#template.file), path);
  }
}

class DeployedModule implements Reference {
  readonly #members: Fields;

  constructor(members: Fields) {
    this.#members = members;
  }

  member(name: string): unknown {
    if (!Object.hasOwn(this.#members, name)) throw new EvaluationError(`a module has no ${name}`);
    return this.#members[name];
  }

  child(name: string): never {
    throw new EvaluationError(`a module has nothing within it that is called ${name}`);
  }
}

function scopeOf(value: unknown): DeploymentScope | undefined {
  if (value === undefined || value instanceof DeploymentScope) return value;
  const [, , subscriptionId, , group] = value instanceof DeployedResource ? value.id.split('/') : [];
  if (subscriptionId === undefined || group === undefined)
    throw new EvaluationError('the scope of a module is no resource group');
  return new DeploymentScope(subscriptionId, group);
}
