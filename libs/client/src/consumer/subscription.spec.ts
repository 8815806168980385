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
    expect(subscriptionTo('T', { type: 'TAG', expression: ' a || b' }, 7)).toEqual(subscriptionTo('T', ' a || b', 7));
    const others = { topic: 'T', tagsSet: [], codeSet: [], subVersion: 7 };
    expect(subscriptionTo('T', { type: 'SQL92', expression: 'a = 1' }, 7)).toEqual({
      ...others,
      subString: 'a = 1',
      expressionType: 'SQL92',
      classFilterMode: false,
    });
    expect(subscriptionTo('T', { filterClass: 'com.shop.Large' }, 7)).toEqual({
      ...others,
      subString: 'com.shop.Large',
      expressionType: 'TAG',
      classFilterMode: true,
    });
  });

  it.each([
    [{ type: 'SQL92', expression: ' ' }, /has no expression/],
    [{ type: 'XPATH', expression: 'a' }, /"XPATH": it must be TAG or SQL92/],
    [{ filterClass: '' }, /has no filterClass/],
    [5, /no text and no selector/],
    [null, /no text and no selector/],
  ])('refuses %j', (wanted, problem) => {
    expect(() => subscriptionTo('T', wanted as never, 7)).toThrow(problem);
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
