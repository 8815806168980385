import { readFile } from 'node:fs/promises';
import { codeOf, messageOf, RocketMQError } from '../../common/src/index.js';

const largestFile = 1024 * 1024;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
};

/**
 * The text of a configuration file.
 *
 * @throws RocketMQError CONFIG_INVALID naming the file and what is wrong with it.
 */
export async function readConfigFile(path: string): Promise<{ path: string; text: string }> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = reasons[codeOf(error) ?? ''] ?? messageOf(error);
    throw new RocketMQError('CONFIG_INVALID', `cannot read the configuration file ${path}: ${reason}`, {
      cause: error,
    });
  });
  if (text.length > largestFile) {
    throw new RocketMQError('CONFIG_INVALID', `${path} is no configuration file: it is larger than 1 MiB`);
  }
  // Editors of another system put a byte order mark before the first key.
  return { path, text: text.replace(/^\uFEFF/, '') };
}
