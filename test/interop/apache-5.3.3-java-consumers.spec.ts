import { describeJavaConsumers } from './suites/interop.js';

describeJavaConsumers('5.3.3');
