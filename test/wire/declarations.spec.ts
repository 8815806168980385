import { describe, expect, it } from '@jest/globals';
import * as protocol from '../../libs/protocol/src/index.js';
import { goldenLines, versions } from './golden.js';

const { allDeclarations, declarationOf, declarationsServedBy, requestName } = protocol;

const camelCase = (constant: string): string =>
  constant.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());

describe('declarations', () => {
  it.each(versions)('name every request code of Java %s', (version) => {
    const { codes } = goldenLines(version, 'messages').find(({ kind }) => kind === 'codes') as unknown as {
      codes: Record<string, number>;
    };
    expect(Object.keys(codes).length).toBeGreaterThan(90);
    const declared = Object.keys(codes).map((name) => [name, allDeclarations.find((row) => row.name === name)?.code]);
    expect(Object.fromEntries(declared)).toEqual(codes);
  });

  it('have a code and a name each', () => {
    expect(new Set(allDeclarations.map(({ code }) => code)).size).toBe(allDeclarations.length);
    expect(new Set(allDeclarations.map(({ name }) => name)).size).toBe(allDeclarations.length);
  });

  it('give a reason where they are not served', () => {
    for (const row of allDeclarations) if (!row.supported) expect(row.reason.length).toBeGreaterThan(10);
  });

  it("are exported in camel case of Apache's constant", () => {
    const exported: Readonly<Record<string, unknown>> = protocol;
    for (const row of allDeclarations) if (row.supported) expect(exported[camelCase(row.name)]).toBe(row);
  });

  it('name existing header fields in their access rules', () => {
    for (const row of allDeclarations) {
      if (!row.supported) continue;
      for (const { field } of row.access) if (field !== undefined) expect(row.header).toHaveProperty([field]);
    }
  });

  it('never use one wire key twice', () => {
    for (const row of allDeclarations) {
      if (!row.supported) continue;
      for (const fields of [row.header, row.reply]) {
        const keys = Object.entries(fields).flatMap(([name, field]) => [field.wireKey ?? name, ...field.aliases]);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }
  });

  it('are found by code and by server', () => {
    expect(declarationOf(310)).toBe(protocol.sendMessageV2);
    expect(declarationOf(99999)).toBeUndefined();
    expect(requestName(310)).toBe('SEND_MESSAGE_V2(310)');
    expect(requestName(99999)).toBe('99999');
    expect(declarationsServedBy('client').map(({ code }) => code)).toEqual([39, 40, 220, 221, 307, 309, 326]);
    expect(declarationsServedBy('broker')).toContain(protocol.getConsumerRunningInfo);
    expect(declarationsServedBy('namesrv')).not.toContain(protocol.pullMessage);
  });
});
