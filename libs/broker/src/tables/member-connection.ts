import { languageName, type ClientConnection } from '../../../protocol/src/index.js';
import type { ClientMember } from './client-member.js';

/** A member as the administrative requests list it. */
export function memberConnection({ clientId, connection, language, version }: ClientMember): ClientConnection {
  return { clientId, clientAddr: connection.remoteAddress, language: languageName(language), version };
}
