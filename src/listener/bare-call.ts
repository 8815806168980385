import type { ExternalContextCreator } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { isThenable } from '../../libs/common/src/index.js';
import type { ListenerCall } from './listener-invoker.js';
import { filteredOutcome } from './outcome.js';
import type { RefusedBy, RocketMQContext } from './rocketmq-context.js';

/** A parameter of the handler as Nest has prepared it. */
interface Parameter {
  readonly index: number;
  /** A number for the parameters of this package; custom ones have a text. */
  readonly type: unknown;
  readonly pipes: readonly unknown[];
  readonly extractValue: (...args: unknown[]) => unknown;
}

type Call = (...args: unknown[]) => Promise<unknown>;

interface ErrorProxy {
  createProxy(target: Call, exceptionsHandler: unknown, type: string): Call;
}

interface InterceptorsCreator {
  create(...args: unknown[]): readonly unknown[];
}

/** What Nest found to be put around one listener. */
interface Findings {
  guards?: readonly unknown[];
  interceptors?: readonly unknown[];
  pipes?: readonly unknown[];
  parameters?: readonly Parameter[];
  /** Takes an error through the filters, as if the handler had thrown it. */
  toFilters?: (error: unknown, args: unknown[]) => Promise<unknown>;
}

type Step = (...args: unknown[]) => Promise<unknown>;

/**
 * Nest's external context that, beside making a call, tells what it makes it of, notes which step refused a message, and
 * sees to it that a failure stays one: what a filter does with an error counts only when it returns an outcome. (By
 * itself Nest acks: when a filter is async, and in Nest 11 when it returns false.) Nest offers no way to ask; where
 * another version of it has no such parts, nothing is found.
 */
export class ObservedContexts {
  readonly #findings: Findings = {};
  readonly contexts: ExternalContextCreator;

  constructor(original: ExternalContextCreator) {
    const findings = this.#findings;
    const { interceptorsContextCreator: interceptors, externalErrorProxy: errors } = original as unknown as {
      interceptorsContextCreator?: InterceptorsCreator;
      externalErrorProxy?: ErrorProxy;
    };
    const parts = {
      createGuardsFn: (...args: Parameters<ExternalContextCreator['createGuardsFn']>) => {
        [findings.guards] = args;
        return refusing(original.createGuardsFn(...args) as Step | null, 'guard', ([passed]) => passed);
      },
      createPipesFn: (...args: Parameters<ExternalContextCreator['createPipesFn']>) => {
        findings.pipes = args[0];
        findings.parameters = args[1] as readonly Parameter[];
        return refusing(original.createPipesFn(...args) as Step | null, 'pipe', ([, ...passed]) => passed);
      },
      ...(interceptors && {
        interceptorsContextCreator: {
          create: (...args: unknown[]) => (findings.interceptors = interceptors.create(...args)),
        },
      }),
      ...(errors && {
        externalErrorProxy: {
          createProxy: (target: Call, handler: unknown, type: string) => {
            findings.toFilters = (error, args) =>
              keepFailure(error, args, errors.createProxy(failing(error), handler, type)(...args));
            const failures = new WeakMap<object, { readonly error: unknown }>();
            const proxy = errors.createProxy(noting(target, failures), handler, type);
            return (...args: unknown[]) => settledBy(proxy, failures, args);
          },
        },
      }),
    };
    this.contexts = Object.assign(Object.create(original) as ExternalContextCreator, parts);
  }

  /**
   * HOT PATH (every message of a listener that nothing is bound to). The handler's call without the promises of a pipeline
   * in which nothing would happen; undefined when something would. Errors take Nest's way through the filters, results
   * that are streams are waited for. Allocates the list of arguments. Benchmark: listener.
   */
  bareCall(instance: object, callback: (...args: unknown[]) => unknown): ListenerCall | undefined {
    const { guards, interceptors, pipes, parameters, toFilters } = this.#findings;
    if (guards?.length !== 0 || interceptors?.length !== 0 || pipes?.length !== 0) return undefined;
    if (parameters === undefined || toFilters === undefined || !parameters.every(isPlain)) return undefined;
    const count = Math.max(0, ...parameters.map(({ index }) => index + 1));
    const extractors = Array.from(
      { length: count },
      (_, i) => parameters.find(({ index }) => index === i)?.extractValue,
    );
    return (payload, context) => {
      try {
        const args = extractors.map((extract) => extract?.(payload, context));
        const result = settled(callback.apply(instance, args));
        if (!isThenable(result)) return result;
        return result.then(settled).catch((error: unknown) => toFilters(error, [payload, context]));
      } catch (error) {
        return toFilters(error, [payload, context]);
      }
    };
  }
}

/** What a listener is called with: payload and context. */
function contextIn(args: unknown): RocketMQContext {
  return (args as [unknown, RocketMQContext])[1];
}

function refusing(step: Step | null, by: RefusedBy, argsOf: (given: unknown[]) => unknown): Step | null {
  if (step === null) return null;
  return async (...given) => {
    try {
      return await step(...given);
    } catch (error) {
      contextIn(argsOf(given)).refuse(by);
      throw error;
    }
  };
}

function noting(target: Call, failures: WeakMap<object, { readonly error: unknown }>): Call {
  return async (...args) => {
    try {
      return await target(...args);
    } catch (error) {
      failures.set(contextIn(args), { error });
      throw error;
    }
  };
}

async function settledBy(
  proxy: Call,
  failures: WeakMap<object, { readonly error: unknown }>,
  args: unknown[],
): Promise<unknown> {
  const result = await settled(await proxy(...args));
  const context = contextIn(args);
  const failure = failures.get(context);
  return failure === undefined ? result : judged(result, failure.error, context);
}

async function keepFailure(error: unknown, args: unknown[], filtered: Promise<unknown>): Promise<unknown> {
  return judged(await settled(await filtered), error, contextIn(args));
}

function judged(result: unknown, error: unknown, { isBatch }: RocketMQContext): unknown {
  const outcome = filteredOutcome(result, isBatch);
  if (outcome === undefined) throw error;
  return outcome;
}

function failing(error: unknown): Call {
  return () => {
    throw error;
  };
}

function isPlain({ type, pipes, extractValue }: Parameter): boolean {
  return typeof type === 'number' && pipes.length === 0 && typeof extractValue === 'function';
}

function settled(result: unknown): unknown {
  return typeof result === 'object' && isObservable(result) ? lastValueFrom(result) : result;
}
