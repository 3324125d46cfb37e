/** The parts of the local cloud that faults can be aimed at and whose requests are remembered. */
export const partNames = [
  'storage',
  'service-bus',
  'resource-manager',
  'login-server',
  'key-vault',
  'identity',
  'durable-store',
] as const;

export type PartName = (typeof partNames)[number];
