import {
  messageCrc,
  MQVersion,
  registerBroker as declaration,
  ResponseCode,
  topicConfigTableBody,
  type RegisterBroker,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { orderTopicNamespace } from '../kv-config.js';
import type { NamesrvParts } from '../parts.js';
import { registrationProblem } from '../registration-check.js';

/** Extension field of 5.x brokers. */
const zoneNameKey = '__ZONE_NAME';

export const registerBroker = ({ config, kv, routes }: Pick<NamesrvParts, 'config' | 'kv' | 'routes'>) =>
  handle(declaration, [], (exchange) => {
    const { header, bytes, ext, version, connection } = exchange;
    if (header.bodyCrc32 !== 0 && messageCrc(bytes) !== header.bodyCrc32) {
      return fail(ResponseCode.SYSTEM_ERROR, 'crc32 not match');
    }
    // Brokers before 3.0.11 send the topics alone.
    const isOld = version < MQVersion.V3_0_11 && bytes.length > 0;
    const body = isOld ? undefined : (exchange.body() ?? noTopics);
    const topics = body?.topicConfigSerializeWrapper ?? topicConfigTableBody.decode(bytes);
    const problem = registrationProblem(header, topics.topicConfigTable.values());
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    const result = routes.register({
      ...header,
      zoneName: typeof ext[zoneNameKey] === 'string' ? ext[zoneNameKey] : undefined,
      enableActingMaster: header.enableActingMaster,
      heartbeatTimeout: header.heartbeatTimeoutMillis,
      topics,
      filterServers: body?.filterServerList,
      connection,
    });
    if ('full' in result) return fail(ResponseCode.SYSTEM_ERROR, result.full);
    const order = config.returnOrderTopicConfigToBroker ? kv.namespace(orderTopicNamespace) : undefined;
    return ok(result, order && { body: { table: order } });
  });

const noTopics: RegisterBroker = {
  filterServerList: [],
  topicConfigSerializeWrapper: { dataVersion: { counter: 0, timestamp: 0 }, topicConfigTable: new Map() },
};
