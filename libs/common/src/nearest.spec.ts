import { expect, it } from '@jest/globals';
import { nearest } from './nearest.js';

const keys = ['brokerName', 'brokerIP1', 'brokerIP2', 'mappedFileSizeCommitLog', 'listenPort', 'acl'];

it.each([
  ['brokername', 'brokerName'],
  ['brokerip2', 'brokerIP2'],
  ['mapedFilesizeCommitlog', 'mappedFileSizeCommitLog'],
  ['lisenPort', 'listenPort'],
  ['brokerNmae', 'brokerName'],
  ['acls', 'acl'],
  ['dataDirectory', undefined],
  ['', undefined],
  ['x'.repeat(1_000_000), undefined],
])('%.30s is meant to be %s', (word, expected) => {
  expect(nearest(word, keys)).toBe(expected);
});
