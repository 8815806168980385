import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { allowedConnectionName, isConnectionName, isPlain } from '../options/checks.js';
import { RocketMQModuleOptions } from '../options/module-options.js';
import { optionsError, RocketMQOptionsError, validateOptions } from '../options/validate.js';
import { importersOf } from './import-place.js';
import { defaultConnectionName, moduleLabel, RocketMQConnection } from './rocketmq-connection.js';

/** One call of `forRoot`; the object tells it from others. */
export interface ConnectionMark {
  readonly name: string;
  /** Keys of the options that are the application's own, for functions in decorators. */
  readonly ownKeys: readonly string[];
}

/** The connections of this application, by the names that `forRoot` gives them. */
@Injectable()
export class RocketMQConnections {
  readonly #connections = new Map<string, RocketMQConnection>();
  readonly #marks = new Map<string, ConnectionMark>();

  constructor(private readonly modules: ModulesContainer) {}

  /** Those that the application configures, in the order of their modules. */
  get all(): readonly RocketMQConnection[] {
    return [...this.#connections.values()].filter(({ options }) => options !== undefined);
  }

  /** The one of this name, which `forRoot` may not have configured (yet). */
  of(name: string): RocketMQConnection {
    const known = this.#connections.get(name);
    if (known) return known;
    const connection = new RocketMQConnection(undefined, undefined, name);
    this.#connections.set(name, connection);
    return connection;
  }

  /**
   * Takes the options of `forRoot`.
   *
   * @throws RocketMQOptionsError when they are wrong, or another `forRoot` has this name; both places are named then.
   * @internal
   */
  configure(mark: ConnectionMark, options: unknown): void {
    const { name, ownKeys } = mark;
    if (!isConnectionName(name)) {
      throw optionsError('RocketMQModule', [`name ${allowedConnectionName}; it is ${JSON.stringify(name)}`]);
    }
    if (!Array.isArray(ownKeys) || !ownKeys.every((key) => typeof key === 'string')) {
      throw optionsError(moduleLabel(name), ['ownKeys must be a list of texts']);
    }
    const other = this.#marks.get(name);
    if (other) throw new RocketMQOptionsError(twice(name, this.#importersOf(other), this.#importersOf(mark)));
    this.#marks.set(name, mark);
    this.of(name).configure(readModuleOptions(options, ownKeys, moduleLabel(name)), isPlain(options) ? options : {});
  }

  /** Why a listener or a feature cannot use the connection of this name; undefined when it can. */
  problemWith(name: string): string | undefined {
    const names = [...this.#marks.keys()];
    if (names.includes(name)) return undefined;
    // Without RocketMQModule listeners stay silent, with a warning; in a test they have the test's servers.
    if (names.length === 0 && name === defaultConnectionName) return undefined;
    const known = names.map((one) => `'${one}' (${this.placeOf(one)})`).join(', ') || 'none';
    if (name === defaultConnectionName) {
      return `connection is missing: no RocketMQModule.forRoot is without a name; name one of: ${known}`;
    }
    return `connection '${name}' is unknown: no RocketMQModule.forRoot has this name; connections: ${known}`;
  }

  /** Who calls `forRoot` for it: 'RocketMQModule.forRoot in ShopModule'. */
  placeOf(name: string): string {
    const mark = this.#marks.get(name);
    return mark === undefined ? 'no RocketMQModule.forRoot' : `RocketMQModule.forRoot in ${this.#importersOf(mark)}`;
  }

  #importersOf(mark: ConnectionMark): string {
    return importersOf(this.modules.values(), mark);
  }
}

function twice(name: string, one: string, other: string): string {
  const places = one === other ? `twice by ${one}` : `by ${one} and by ${other}`;
  if (name !== defaultConnectionName) {
    return `RocketMQModule: two connections are named '${name}': forRoot is imported ${places}. Give one of them another name; a connection is global, import it once.`;
  }
  return `RocketMQModule: forRoot is imported twice in this application (${places}). It is global: import it once, in the root module; for another cluster give one of them a name.`;
}

/** `embedded` is a switch or an object: as an object it is checked like every other. The application's own keys are not. */
function readModuleOptions(options: unknown, ownKeys: readonly string[], where: string): RocketMQModuleOptions {
  if (!isPlain(options)) return validateOptions(RocketMQModuleOptions, options, where);
  const taken = ownKeys.filter((key) => key in new RocketMQModuleOptions());
  if (taken.length > 0) {
    throw optionsError(where, [`ownKeys: ${taken.join(', ')} cannot be the application's own: RocketMQModule has it`]);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([key]) => !ownKeys.includes(key)));
  const { embedded } = given;
  const switched = embedded === true ? {} : embedded === false ? undefined : embedded;
  return validateOptions(RocketMQModuleOptions, { ...given, embedded: switched }, where);
}
