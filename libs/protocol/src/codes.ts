import { RocketMQError } from '../../common/src/index.js';

/** Response codes (RemotingSysResponseCode, ResponseCode). */
export const ResponseCode = {
  SUCCESS: 0,
  SYSTEM_ERROR: 1,
  SYSTEM_BUSY: 2,
  REQUEST_CODE_NOT_SUPPORTED: 3,
  TRANSACTION_FAILED: 4,
  FLUSH_DISK_TIMEOUT: 10,
  SLAVE_NOT_AVAILABLE: 11,
  FLUSH_SLAVE_TIMEOUT: 12,
  MESSAGE_ILLEGAL: 13,
  SERVICE_NOT_AVAILABLE: 14,
  VERSION_NOT_SUPPORTED: 15,
  NO_PERMISSION: 16,
  TOPIC_NOT_EXIST: 17,
  TOPIC_EXIST_ALREADY: 18,
  PULL_NOT_FOUND: 19,
  PULL_RETRY_IMMEDIATELY: 20,
  PULL_OFFSET_MOVED: 21,
  QUERY_NOT_FOUND: 22,
  SUBSCRIPTION_PARSE_FAILED: 23,
  SUBSCRIPTION_NOT_EXIST: 24,
  SUBSCRIPTION_NOT_LATEST: 25,
  SUBSCRIPTION_GROUP_NOT_EXIST: 26,
  FILTER_DATA_NOT_EXIST: 27,
  FILTER_DATA_NOT_LATEST: 28,
  INVALID_PARAMETER: 29,
  TRANSACTION_SHOULD_COMMIT: 200,
  TRANSACTION_SHOULD_ROLLBACK: 201,
  TRANSACTION_STATE_UNKNOW: 202,
  TRANSACTION_STATE_GROUP_WRONG: 203,
  NO_BUYER_ID: 204,
  NOT_IN_CURRENT_UNIT: 205,
  CONSUMER_NOT_ONLINE: 206,
  CONSUME_MSG_TIMEOUT: 207,
  NO_MESSAGE: 208,
  ILLEGAL_OPERATION: 604,
  GO_AWAY: 1500,
} as const;

export type ResponseCodeName = keyof typeof ResponseCode;

const names = new Map<number, ResponseCodeName>(
  Object.entries(ResponseCode).map(([name, code]) => [code, name as ResponseCodeName]),
);

/** "TOPIC_NOT_EXIST(17)"; unknown numbers as they are. */
export function describeResponseCode(code: number): string {
  const name = names.get(code);
  return name === undefined ? String(code) : `${name}(${code})`;
}

/** After which a producer of 5.3.3 tries another broker. One of 4.9.7 does not after SYSTEM_BUSY and GO_AWAY. */
export const retryableResponseCodes: ReadonlySet<number> = new Set([
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.NO_PERMISSION,
  ResponseCode.NO_BUYER_ID,
  ResponseCode.NOT_IN_CURRENT_UNIT,
  ResponseCode.GO_AWAY,
]);

/** A peer answered with a code other than success. */
export class ResponseError extends RocketMQError {
  constructor(
    readonly responseCode: number,
    readonly remark: string,
    /** "host:port" of the peer. */
    readonly address: string,
    requestName: string,
  ) {
    super(
      'REQUEST_REFUSED',
      `${requestName} to ${address}: ${describeResponseCode(responseCode)} ${remark}`.trimEnd(),
      {
        retryable: retryableResponseCodes.has(responseCode),
      },
    );
    this.name = 'ResponseError';
  }
}
