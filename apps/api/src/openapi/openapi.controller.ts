import { Controller, Get } from '@nestjs/common';
import { openApiDocument } from './openapi.document.js';

@Controller()
export class OpenApiController {
  #document: Record<string, unknown> | undefined;

  @Get('/openapi.json')
  document(): Record<string, unknown> {
    return (this.#document ??= openApiDocument());
  }
}
