import { describe, expect, it } from '@jest/globals';
import { subscriptionTo, wantsTag } from './subscription.js';

describe('subscriptionTo', () => {
  it('says what Java says', () => {
    expect(subscriptionTo('T', ' a || b', 7)).toEqual({
      topic: 'T',
      subString: ' a || b',
      tagsSet: ['a', 'b'],
      codeSet: [97, 98],
      subVersion: 7,
      expressionType: 'TAG',
      classFilterMode: false,
    });
    expect(subscriptionTo('T', undefined, 7)).toMatchObject({ subString: '*', tagsSet: [], codeSet: [] });
  });
});

describe('wantsTag', () => {
  it('compares the tag itself: "Aa" and "BB" have one hash code', () => {
    const subscription = subscriptionTo('T', 'Aa', 0);
    expect(wantsTag(subscription, 'Aa')).toBe(true);
    expect(wantsTag(subscription, 'BB')).toBe(false);
    expect(wantsTag(subscription, undefined)).toBe(false);
    expect(wantsTag(subscriptionTo('T', '*', 0), undefined)).toBe(true);
  });
});
