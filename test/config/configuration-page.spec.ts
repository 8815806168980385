import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { everyBrokerKey } from '../../libs/broker/src/index.js';
import { everyNamesrvKey } from '../../libs/namesrv/src/index.js';

interface PageScript {
  readonly configurationPage: (tables: object) => string;
}

it('docs/configuration.md is what npm run generate writes', async () => {
  const script: string = '../../scripts/generate-configuration.mjs';
  const { configurationPage } = (await import(script)) as PageScript;
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationPage({ everyBrokerKey, everyNamesrvKey }));
});
