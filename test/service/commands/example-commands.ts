import type { CommandType } from '../../../src/contracts/commands.ts';
import { teamRequest } from './requester.ts';

/** A command about some token: its type, and its data beside the token's name. */
export type Asked = readonly [CommandType, Readonly<Record<string, unknown>>];

const because = { reason: 'A test' };
const shop = { 'teams/shop': ['content/read'] };
export const request: Asked = ['keyturn.token.requested', teamRequest()];
export const otherRequest: Asked = ['keyturn.token.requested', teamRequest(shop)];
export const rotate: Asked = ['keyturn.token.rotation-requested', {}];
export const addShop: Asked = ['keyturn.token.access-changed', { access: { added: shop } }];
export const removeShop: Asked = ['keyturn.token.access-changed', { access: { removed: shop } }];
export const disable: Asked = ['keyturn.token.disable-requested', because];
export const enable: Asked = ['keyturn.token.enable-requested', because];
export const erase: Asked = ['keyturn.token.deletion-requested', because];
export const revoke: Asked = ['keyturn.token.revocation-requested', because];
export const reinstate: Asked = ['keyturn.token.reinstatement-requested', because];
