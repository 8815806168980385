import { ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { seeFaq, type Refusal } from './refusal.js';

/** The group exists, or may be made, and is not switched off. */
export const groupMayConsume =
  ({ groups }: Pick<BrokerParts, 'groups'>) =>
  ({ header: { consumerGroup } }: { readonly header: { readonly consumerGroup: string } }): Refusal => {
    const group = groups.find(consumerGroup);
    if (group === undefined) {
      const remark = `subscription group [${consumerGroup.slice(0, 255)}] does not exist, ${seeFaq}`;
      return fail(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark);
    }
    if (group.consumeEnable) return undefined;
    return fail(ResponseCode.NO_PERMISSION, `subscription group no permission, ${consumerGroup}`);
  };
