import { brokerStatsBody, kvTableBody, textBody } from '../bodies/index.js';
import { request, unsupported, type Row } from '../declaration.js';
import { text } from '../field.js';

export const updateBrokerConfig = request('UPDATE_BROKER_CONFIG', {
  code: 25,
  server: 'broker',
  note: 'Changes live keys of the configuration; the body is properties text.',
  requestBody: textBody,
  access: [{ resource: 'cluster', action: 'UPDATE' }],
});

export const getBrokerConfig = request('GET_BROKER_CONFIG', {
  code: 26,
  server: 'broker',
  note: 'The configuration as properties text, without secrets.',
  /** Data version of the configuration, as JSON. */
  replyClass: 'GetBrokerConfigResponseHeader',
  reply: { version: text() },
  replyBody: textBody,
  access: [{ resource: 'cluster', action: 'GET' }],
});

export const getBrokerRuntimeInfo = request('GET_BROKER_RUNTIME_INFO', {
  code: 28,
  server: 'broker',
  note: 'Figures of a running broker, by name.',
  replyBody: kvTableBody,
  access: [{ resource: 'cluster', action: 'GET' }],
});

export const cleanExpiredConsumequeue = request('CLEAN_EXPIRED_CONSUMEQUEUE', {
  code: 306,
  server: 'broker',
  note: 'Cuts consume queues to the messages the commit log still has, now.',
  access: [{ resource: 'cluster', action: 'UPDATE' }],
});

export const deleteExpiredCommitlog = request('DELETE_EXPIRED_COMMITLOG', {
  code: 329,
  server: 'broker',
  note: 'Lets expired files of the commit log be deleted now, whatever the hour.',
  access: [{ resource: 'cluster', action: 'UPDATE' }],
});

export const viewBrokerStatsData = request('VIEW_BROKER_STATS_DATA', {
  code: 315,
  server: 'broker',
  note: 'A statistic of the broker by name and key: sum, rate and average of the last minute, hour and day.',
  headerClass: 'ViewBrokerStatsDataRequestHeader',
  header: { statsName: text(), statsKey: text() },
  replyBody: brokerStatsBody,
  access: [{ resource: 'cluster', action: 'GET' }],
});

const rocksdb = 'there is no RocksDB store';
const coldData = 'cold data flow control is not served';

export const brokerAdminRequests: readonly Row[] = [
  updateBrokerConfig,
  getBrokerConfig,
  getBrokerRuntimeInfo,
  unsupported('TRIGGER_DELETE_FILES', 27, 'broker', 'no version of Apache serves or sends it'),
  cleanExpiredConsumequeue,
  deleteExpiredCommitlog,
  viewBrokerStatsData,
  unsupported('CHECK_ROCKSDB_CQ_WRITE_PROGRESS', 354, 'broker', rocksdb),
  unsupported('EXPORT_ROCKSDB_CONFIG_TO_JSON', 355, 'broker', rocksdb),
  unsupported('UPDATE_COLD_DATA_FLOW_CTR_CONFIG', 2001, 'broker', coldData),
  unsupported('REMOVE_COLD_DATA_FLOW_CTR_CONFIG', 2002, 'broker', coldData),
  unsupported('GET_COLD_DATA_FLOW_CTR_INFO', 2003, 'broker', coldData),
  unsupported(
    'SET_COMMITLOG_READ_MODE',
    2004,
    'broker',
    'the log is read with plain reads: there is no madvise to set',
  ),
];
