import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from '../http/operation.js';
import { openApiDocument } from './openapi.document.js';

@Controller()
export class OpenApiController {
  #document: Record<string, unknown> | undefined;

  @Operation('GET', '/openapi.json', { summary: 'This document', access: ['public'], root: true, bare: true, answer: z.looseObject({}) })
  document(): Record<string, unknown> {
    return (this.#document ??= openApiDocument());
  }
}
