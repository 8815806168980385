import { Injectable } from '@nestjs/common';

/** Nest's command line makes one; the guide leaves it as it is. */
@Injectable()
export class AppService {}
