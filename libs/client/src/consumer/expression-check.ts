import { RocketMQError, messageOf } from '../../../common/src/index.js';
import { ExpressionType, ResponseCode, checkClientConfig } from '../../../protocol/src/index.js';
import type { ClientCore } from '../client-core.js';
import type { Subscription } from './subscription.js';

const accept = [
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SUBSCRIPTION_PARSE_FAILED,
  ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
];

/**
 * Asks the brokers of each topic whether they can filter by its SQL92 expression, before the first pull fails for a reason
 * that nobody looks for there. A broker that does not answer is not waited for: its pulls will say so.
 *
 * @throws RocketMQError UNSUPPORTED when a broker does not filter by SQL92, naming the key to set; ARGUMENT_INVALID when
 * it does not understand the expression.
 */
export async function checkExpressions(
  core: ClientCore,
  group: string,
  subscriptions: Iterable<Subscription>,
): Promise<void> {
  for (const subscription of subscriptions) {
    if (subscription.expressionType !== ExpressionType.SQL92) continue;
    const { topic } = subscription;
    await core.routes.find(topic);
    await Promise.all(core.routes.addressesOf(topic).map((address) => ask(core, address, group, subscription)));
  }
}

async function ask(core: ClientCore, address: string, group: string, subscriptionData: Subscription): Promise<void> {
  const { clientId, requestTimeout: timeout } = core.settings;
  const body = { clientId, group, subscriptionData };
  let reply: { readonly code: number; readonly remark?: string | undefined };
  try {
    reply = await core.remoting.call(address, checkClientConfig, {}, { body, timeout, accept });
  } catch (error) {
    core.log.debug('an SQL92 expression was not checked', { address, group, error: messageOf(error) });
    return;
  }
  const { code, remark = '' } = reply;
  if (code === ResponseCode.SUCCESS) return;
  const place = `broker ${address}, topic ${subscriptionData.topic}, consumer group ${group}`;
  if (code === ResponseCode.SUBSCRIPTION_PARSE_FAILED) {
    throw new RocketMQError('ARGUMENT_INVALID', `${place}: the SQL92 expression is refused: ${remark}`);
  }
  const advice = 'set enablePropertyFilter=true in its configuration';
  throw new RocketMQError(
    'UNSUPPORTED',
    `${place}: the broker does not filter by SQL92: ${advice} (it said: ${remark})`,
  );
}
