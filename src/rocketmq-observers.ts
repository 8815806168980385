import { Injectable } from '@nestjs/common';
import type { DeliveryObserver } from './listener/delivery-observer.js';
import { RocketMQOptionsError } from './options/validate.js';
import type { SendInterceptor } from './template/send-interceptor.js';

/**
 * Who watches the sends and deliveries of an application: metrics and traces add themselves here when Nest makes them, so
 * that an application without them has nothing to pass by. All connections share them.
 */
@Injectable()
export class RocketMQObservers {
  readonly #modules = new Set<string>();
  readonly #sends: SendInterceptor[] = [];
  readonly #deliveries: DeliveryObserver[] = [];

  /** Within the application's own interceptors: it sees what is sent in the end, and every try of an interceptor. */
  get sends(): readonly SendInterceptor[] {
    return this.#sends;
  }

  /** Outermost first. */
  get deliveries(): readonly DeliveryObserver[] {
    return this.#deliveries;
  }

  /**
   * Before the application starts.
   *
   * @param module - Whose it is.
   * @throws RocketMQOptionsError when the module is there already: everything would count twice.
   */
  add(module: string, observer: { readonly send?: SendInterceptor; readonly delivery?: DeliveryObserver }): void {
    if (this.#modules.has(module)) {
      throw new RocketMQOptionsError(
        `${module}: forRoot is imported twice in this application. It sees all connections: import it once, in the root module.`,
      );
    }
    this.#modules.add(module);
    if (observer.send) this.#sends.push(observer.send);
    if (observer.delivery) this.#deliveries.push(observer.delivery);
  }
}
