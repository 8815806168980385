import { isDeepStrictEqual } from 'node:util';
import {
  allDeclarations,
  CommandDecoder,
  decodeCommand,
  decodeHeader,
  readRequestHeader,
  Utf8Text,
  type AnyDeclaration,
  type Command,
} from '../../libs/protocol/src/index.js';
import { seededRandom } from '../../libs/testkit/src/index.js';
import { HeaderFrames } from './header-frames.js';

/** Requests that come with messages, not with clients. */
const hot = [
  'SEND_MESSAGE',
  'SEND_MESSAGE_V2',
  'SEND_BATCH_MESSAGE',
  'PULL_MESSAGE',
  'LITE_PULL_MESSAGE',
  'QUERY_CONSUMER_OFFSET',
  'UPDATE_CONSUMER_OFFSET',
];

type Reading = (frame: Buffer, declaration: AnyDeclaration) => [Command, object];

export interface Agreement {
  /** Frames that both decoders took, and frames that both refused. */
  readonly taken: number;
  readonly refused: number;
  /** The first difference, with what is needed to see it again; undefined when there is none. */
  readonly difference: string | undefined;
}

/** Gives both decoders the same frames: the same commands, headers, or refusals in the same words must come of them. */
export function compareDecoders(seed: number, count: number): Agreement {
  const declarations = allDeclarations.filter((row): row is AnyDeclaration => row.supported && hot.includes(row.name));
  const fast = new CommandDecoder(declarations);
  const frames = new HeaderFrames(declarations, seededRandom(seed));
  const readPlainly: Reading = (frame, { header }) => {
    const command = decodeCommand(frame);
    return [command, decodeHeader(header, command.ext)];
  };
  const readFast: Reading = (frame, declaration) => {
    // Somewhere among other bytes, as frames are when they come.
    const start = frame.length % 7;
    const bytes = Buffer.concat([Buffer.alloc(start, '{'), frame, Buffer.from('"}')]);
    const command = fast.decode(bytes, start, start + frame.length);
    return [command, readRequestHeader(declaration, command)];
  };
  let [taken, refused] = [0, 0];
  for (let i = 0; i < count; i++) {
    const { declaration, frame } = frames.next();
    const expected = outcome(readPlainly, frame, declaration);
    const found = outcome(readFast, frame, declaration);
    if (!isDeepStrictEqual(found, expected)) {
      const difference = `seed ${seed}, input ${i}, ${declaration.name}: ${frame.toString('base64')}`;
      return { taken, refused, difference };
    }
    if ('refusal' in expected) refused++;
    else taken++;
  }
  return { taken, refused, difference: undefined };
}

function outcome(read: Reading, frame: Buffer, declaration: AnyDeclaration): object {
  try {
    const [command, header] = read(frame, declaration);
    const { code, language, version, opaque, flag, remark, serializer, ext, body } = command;
    const head = { code, language, version, opaque, flag, remark, serializer, body: body.toString('latin1') };
    return { head, ext: { ...ext }, header: present(header) };
  } catch (error) {
    return { refusal: (error as Error).message, code: (error as { code?: unknown }).code };
  }
}

/** Fields with a value; texts that are kept as bytes, as texts. */
function present(header: object): object {
  const values = Object.entries(header).filter(([, value]) => value !== undefined);
  return Object.fromEntries(values.map(([name, value]) => [name, value instanceof Utf8Text ? String(value) : value]));
}
