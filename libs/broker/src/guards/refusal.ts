import type { Fail } from '../../../remoting/src/index.js';

/** A refusal without reply fields: fits every request. */
export type Refusal = Fail<never> | undefined;

export interface TopicRequest {
  readonly header: { readonly topic: string };
}

/** Where Apache's remarks send their reader. */
export const seeFaq = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';
