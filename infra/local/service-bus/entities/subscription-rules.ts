import type { RuleConfig } from '../emulator-config.ts';
import { applicationPropertyValues, type MessageContent } from '../messages/message-content.ts';

type CorrelationFilter = Extract<RuleConfig, { FilterType: 'Correlation' }>['CorrelationFilter'];

/** Where each named property stands in the properties section of a message. */
const propertyPlaces = {
  MessageId: 0,
  To: 2,
  Label: 3,
  ReplyTo: 4,
  CorrelationId: 5,
  ContentType: 6,
  SessionId: 10,
  ReplyToSessionId: 12,
} as const satisfies Partial<Record<keyof CorrelationFilter, number>>;

/** Whether a subscription takes a message: any of its rules does, or it has none. */
export function matchesRules(rules: readonly RuleConfig[], content: MessageContent): boolean {
  return rules.length === 0 || rules.some((rule) => matchesRule(rule, content));
}

function matchesRule(rule: RuleConfig, content: MessageContent): boolean {
  return rule.FilterType === 'Sql' || matchesCorrelation(rule.CorrelationFilter, content);
}

/** Every property that the filter names is there and equal; texts compare case-sensitively. */
function matchesCorrelation(filter: CorrelationFilter, content: MessageContent): boolean {
  const { Properties: wanted, ...named } = filter;
  for (const [name, place] of Object.entries(propertyPlaces)) {
    const expected = named[name as keyof typeof named];
    if (expected !== undefined && expected !== content.propertyFields[place]?.value) return false;
  }
  if (!wanted) return true;
  const actual = applicationPropertyValues(content);
  return Object.entries(wanted).every(([name, expected]) => actual.get(name)?.value === expected);
}
