import type { AlertName } from '../alert-names.ts';
import { eventTexts } from './event-texts.ts';
import { registryTexts } from './registry-texts.ts';
import { tokenTexts } from './token-texts.ts';

/** What there is to name in a command. All of it fits Azure's rules for names, so it needs no quotes. */
export interface Named {
  /** The registry's name in Azure. */
  readonly registry: string;
  readonly subscription: string;
  readonly token: string;
}

export interface AlertText {
  /** What happened, as the end of "1 token: …", "12 tokens: …". */
  readonly title: string;
  /** What works no longer, or who can do what. One or two sentences. */
  readonly impact: string;
  /** One command with which to look at it. */
  readonly look: (named: Named) => string;
}

/** What each alert says by itself. */
export const alertTexts: Readonly<Record<AlertName, AlertText>> = {
  ...tokenTexts,
  ...registryTexts,
  ...eventTexts,
};
