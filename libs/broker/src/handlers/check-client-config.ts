import { messageOf } from '../../../common/src/index.js';
import { checkClientConfig as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { isTagExpression } from '../filter/expressions.js';
import type { BrokerParts } from '../parts.js';
import { otherExpression } from '../pull/pull-filter.js';

/** Consumers ask at their start, before the pulls of a subscription that cannot work fail one by one. */
export const checkClientConfig = ({ config, filters }: Pick<BrokerParts, 'config' | 'filters'>) =>
  handle(declaration, [], (exchange) => {
    const { subscriptionData } = exchange.body();
    if (subscriptionData === undefined || isTagExpression(subscriptionData.expressionType)) return ok({});
    if (!config.enablePropertyFilter) return otherExpression(subscriptionData.expressionType);
    try {
      filters.expressions.compile(subscriptionData.subString, subscriptionData.expressionType);
      return ok({});
    } catch (error) {
      return fail(ResponseCode.SUBSCRIPTION_PARSE_FAILED, messageOf(error));
    }
  });
