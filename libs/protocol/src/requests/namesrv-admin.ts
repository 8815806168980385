import { textBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';

export const updateNamesrvConfig = request('UPDATE_NAMESRV_CONFIG', {
  code: 318,
  server: 'namesrv',
  note: 'Changes live keys of the configuration; the body is properties text.',
  requestBody: textBody,
  access: [{ resource: 'cluster', action: 'UPDATE' }],
});

export const getNamesrvConfig = request('GET_NAMESRV_CONFIG', {
  code: 319,
  server: 'namesrv',
  note: 'The configuration as properties text, without secrets.',
  replyBody: textBody,
  access: [{ resource: 'cluster', action: 'GET' }],
});

export const namesrvAdminRequests: readonly Row[] = [updateNamesrvConfig, getNamesrvConfig];
