import { kvTableBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { text } from '../field.js';

const access = (action: 'GET' | 'UPDATE' | 'DELETE') => [{ resource: 'cluster', action }] as const;

export const putKvConfig = request('PUT_KV_CONFIG', {
  code: 100,
  server: 'namesrv',
  note: 'Sets a key of a namespace.',
  headerClass: 'PutKVConfigRequestHeader',
  header: { namespace: text(), key: text(), value: text() },
  access: access('UPDATE'),
});

export const getKvConfig = request('GET_KV_CONFIG', {
  code: 101,
  server: 'namesrv',
  note: 'Value of a key of a namespace; 22 when there is none.',
  headerClass: 'GetKVConfigRequestHeader',
  header: { namespace: text(), key: text() },
  replyClass: 'GetKVConfigResponseHeader',
  reply: { value: text().optional() },
  access: access('GET'),
});

export const deleteKvConfig = request('DELETE_KV_CONFIG', {
  code: 102,
  server: 'namesrv',
  note: 'Removes a key of a namespace.',
  headerClass: 'DeleteKVConfigRequestHeader',
  header: { namespace: text(), key: text() },
  access: access('DELETE'),
});

export const getKvlistByNamespace = request('GET_KVLIST_BY_NAMESPACE', {
  code: 219,
  server: 'namesrv',
  note: 'All keys of a namespace; 22 when there is no such namespace.',
  headerClass: 'GetKVListByNamespaceRequestHeader',
  header: { namespace: text() },
  replyBody: kvTableBody,
  access: access('GET'),
});

export const kvRequests: readonly Row[] = [putKvConfig, getKvConfig, deleteKvConfig, getKvlistByNamespace];
