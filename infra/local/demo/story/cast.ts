/** A token of the demo, and who asks for it. */
export interface DemoToken {
  readonly token: string;
  /** Queue of the entrance. */
  readonly queue: string;
  readonly source: string;
  /** Data of `keyturn.token.requested` beside registry and token. */
  readonly request: Readonly<Record<string, unknown>>;
  /** What is asked for, in words. */
  readonly words: string;
  /** How long the password before works after a rotation, by the request or its profile; days. */
  readonly overlapDays: number;
  /** Where it may do what; the demo asks the login server for pull and push there. */
  readonly repository: string;
  readonly actions: readonly string[];
}

export const sharedScopeMap = {
  name: 'device-firmware',
  actions: ['repositories/firmware/sensor/content/read', 'repositories/firmware/sensor/metadata/read'],
};

export const team: DemoToken = {
  token: 'team-web',
  queue: 'token-requests',
  source: '/self-service/form',
  request: {
    owner: 'team-web',
    purpose: 'build pipeline',
    access: { repositories: { 'teams/web': ['content/read', 'content/write', 'metadata/read'] } },
  },
  words: 'push and pull teams/web; rotates every 60 days, overlap 14',
  overlapDays: 14,
  repository: 'teams/web',
  actions: ['pull', 'push'],
};

export const partner: DemoToken = {
  token: 'partner-acme',
  queue: 'token-requests-partners',
  source: '/partner-portal',
  request: {
    owner: 'acme',
    access: { repositories: { 'shared/*': ['content/read', 'metadata/read'] } },
    rotateEvery: 'P30D',
    overlap: 'P7D',
    lifetime: 'P730D',
  },
  words: 'pull shared/*; rotates every 30 days, overlap 7; 2 years',
  overlapDays: 7,
  repository: 'shared/base',
  actions: ['pull'],
};

export const device: DemoToken = {
  token: 'device-0001',
  queue: 'token-requests-devices',
  source: '/provisioning/factory',
  request: {
    owner: 'devices-sensor',
    access: { scopeMap: sharedScopeMap.name },
    profile: 'device',
  },
  words: `map ${sharedScopeMap.name}; rotates every 180 days, overlap 60`,
  overlapDays: 60,
  repository: 'firmware/sensor',
  actions: ['pull'],
};

export const cast: readonly DemoToken[] = [team, partner, device];
