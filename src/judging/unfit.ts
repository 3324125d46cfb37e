/** Why a command is denied that no rule of the policy forbids: a closed list, beside the rules and the refusals. */
export const unfitness = {
  entranceNotConfigured: 'the entrance was taken out of the configuration since the command came',
  nothingLeft: "the token's own scope map would allow nothing; disable or delete the token instead",
  tooManyActions: "the token's own scope map would come to more than 500 actions, the limit of a scope map",
} as const;

export type Unfitness = keyof typeof unfitness;
