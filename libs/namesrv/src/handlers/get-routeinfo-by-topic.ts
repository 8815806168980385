import { getRouteinfoByTopic as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { orderTopicNamespace } from '../kv-config.js';
import type { NamesrvParts } from '../parts.js';

/** Apache's words: clients look for the address in them. */
const seeFaq = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

export const getRouteinfoByTopic = ({ config, kv, routes }: Pick<NamesrvParts, 'config' | 'kv' | 'routes'>) =>
  handle(declaration, [], ({ header: { topic } }) => {
    const route = routes.routeOf(topic);
    if (route === undefined) {
      const remark = `No topic route info in name server for the topic: ${topic}${seeFaq}`;
      return fail(ResponseCode.TOPIC_NOT_EXIST, remark);
    }
    const orderTopicConf = config.orderMessageEnable ? kv.get(orderTopicNamespace, topic) : undefined;
    return ok({}, { body: { ...route, ...(orderTopicConf !== undefined && { orderTopicConf }) } });
  });
