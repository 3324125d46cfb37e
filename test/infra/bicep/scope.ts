/** Where a template is deployed to: a subscription, or a resource group of one. */
export class DeploymentScope {
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;

  constructor(subscriptionId: string, resourceGroup?: string) {
    this.subscriptionId = subscriptionId;
    this.resourceGroup = resourceGroup;
  }

  get kind(): 'subscription' | 'resourceGroup' {
    return this.resourceGroup === undefined ? 'subscription' : 'resourceGroup';
  }

  get id(): string {
    const subscription = `/subscriptions/${this.subscriptionId}`;
    return this.resourceGroup === undefined
      ? subscription
      : `${subscription}/resourceGroups/${this.resourceGroup}`;
  }
}

/** The id below `base` of a resource whose type is `A.B/c/d` and whose name is `x/y`. */
export function resourceIdBelow(base: string, type: string, name: string): string {
  const [namespace, ...types] = type.split('/');
  const names = name.split('/');
  const pairs = types.map((segment, index) => `${segment}/${names[index]}`);
  return `${base}/providers/${namespace}/${pairs.join('/')}`;
}
