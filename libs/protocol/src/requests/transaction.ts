import { unsupported, type Row } from '../declaration.js';

const transactions = 'transactional messages need the half-message service';

export const transactionRequests: readonly Row[] = [
  unsupported('END_TRANSACTION', 37, 'broker', transactions),
  unsupported('CHECK_TRANSACTION_STATE', 39, 'client', transactions),
  unsupported('RESUME_CHECK_HALF_MESSAGE', 323, 'broker', transactions),
];
