/** MQVersion ordinals that behaviour depends on, and how an ordinal is shown. */
export const MQVersion = {
  V3_0_7_SNAPSHOT: 28,
  V3_0_11: 37,
  V3_1_8_SNAPSHOT: 62,
  V3_4_9: 121,
  V4_1_0_SNAPSHOT: 232,
  V4_9_4: 401,
  V4_9_7: 407,
  V5_0_0: 413,
  V5_1_4: 441,
  V5_3_3: 479,
} as const;

/** What our frames say unless configured. */
export const defaultVersion: number = MQVersion.V4_9_7;
