import { Controller, Inject } from '@nestjs/common';
import type { user } from '@parley/contracts';
import { DomainError } from '@parley/errors';
import { foldUsername } from '@parley/kernel';
import { z } from 'zod';
import { USER_CLIENT, type UserClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import { echo, type EnvelopeFields } from '../http/envelope.interceptor.js';
import { Operation } from '../http/operation.js';
import { parse } from '../http/parse.js';
import { checkMayRegister } from './registration.rules.js';
import { profileEntity, userEntity } from './user.entity.js';
import { deletedPage, newPassword, newUser, newUsers, oneUserAnswer, page, pageAnswer, profilePageAnswer, registration, registrationAnswer, userAnswer } from './user.schemas.js';

const BATCH_LIMIT = 60;
/** Sixty password hashes take their time. */
const REGISTER_WITHIN_MS = 30_000;

@Controller()
export class UserController {
  constructor(@Inject(USER_CLIENT) private readonly users: UserClient) {}

  @Operation('POST', '/users', {
    summary: 'Register a user, or an array of up to 60',
    access: ['open'],
    body: registration,
    answer: registrationAnswer,
    errors: [
      'registration_needs_token',
      'registration_not_open',
      'token_of_other_app',
      'username_illegal',
      'username_too_long',
      'password_required',
      'password_too_long',
      'nickname_too_long',
      'username_taken',
      'same_user_different_password',
      'batch_too_large',
      'users_full',
    ],
  })
  async register(@TheCall() call: Call): Promise<EnvelopeFields> {
    const single = !Array.isArray(call.body);
    checkMayRegister(call, !single);
    const wanted = single ? [parse(newUser, call.body)] : parse(newUsers, call.body);
    if (wanted.length > BATCH_LIMIT) throw new DomainError('batch_too_large', { size: String(wanted.length) });
    const { created, failed } = await this.users.registerUsers(
      { tenant: tenantOf(call), users: wanted.map((one) => ({ ...one, username: foldUsername(one.username) })), single },
      { deadlineMs: REGISTER_WITHIN_MS },
    );
    return {
      path: '/users',
      entities: created.map(userEntity),
      ...(failed.length > 0
        ? { data: failed.map((one) => ({ username: one.username, registerUserFailReason: one.reason })) }
        : {}),
    };
  }

  @Operation('GET', '/users/:username', { summary: 'One user', access: ['app', 'self'], answer: oneUserAnswer, errors: ['user_not_found'] })
  async get(@TheCall() call: Call): Promise<EnvelopeFields> {
    const found = await this.users.getUser({ tenant: tenantOf(call), username: usernameOf(call) });
    return { path: '/users', entities: [profileEntity(found)], count: 1 };
  }

  @Operation('GET', '/users', { summary: 'Users, oldest first, by cursor', access: ['app'], query: page, answer: profilePageAnswer })
  async list(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { limit, cursor } = parse(page, call.query);
    const found = await this.users.listUsers({ tenant: tenantOf(call), limit, cursor });
    return { ...pageOf(found, profileEntity), params: echo(call.query) };
  }

  @Operation('DELETE', '/users/:username', { summary: 'Delete a user', access: ['app'], answer: userAnswer, errors: ['delete_user_not_found'] })
  async delete(@TheCall() call: Call): Promise<EnvelopeFields> {
    const deleted = await this.users.deleteUser({ tenant: tenantOf(call), username: usernameOf(call) });
    return { path: '/users', entities: [userEntity(deleted)] };
  }

  @Operation('DELETE', '/users', { summary: 'Delete the oldest users', access: ['app'], query: deletedPage, answer: pageAnswer })
  async deleteBatch(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { limit, cursor } = parse(deletedPage, call.query);
    const deleted = await this.users.deleteUsers({ tenant: tenantOf(call), limit, cursor });
    return { ...pageOf(deleted, userEntity), params: echo(call.query) };
  }

  @Operation('PUT', '/users/:username/password', {
    summary: 'Set a password; ends every session of the user',
    access: ['app'],
    body: newPassword,
    answer: z.object({}),
    errors: ['new_password_required', 'password_too_long', 'entity_user_not_found'],
  })
  setPassword(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setPassword(call);
  }

  /** The vendor's pages disagree on the verb; both work. */
  @Operation('POST', '/users/:username/password', {
    summary: 'Set a password (same as PUT)',
    access: ['app'],
    body: newPassword,
    answer: z.object({}),
    errors: ['new_password_required', 'password_too_long', 'entity_user_not_found'],
  })
  setPasswordByPost(@TheCall() call: Call): Promise<EnvelopeFields> {
    return this.#setPassword(call);
  }

  async #setPassword(call: Call): Promise<EnvelopeFields> {
    const { newpassword } = parse(newPassword, call.body);
    await this.users.setPassword({ tenant: tenantOf(call), username: usernameOf(call), newPassword: newpassword });
    return { action: 'set user password' };
  }
}

function pageOf({ users, nextCursor }: user.ListUsersResponse, entity: (one: user.User) => object): EnvelopeFields {
  return {
    path: '/users',
    entities: users.map(entity),
    count: users.length,
    ...(nextCursor === '' ? {} : { cursor: nextCursor }),
  };
}
