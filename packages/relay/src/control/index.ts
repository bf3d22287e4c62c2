/** What an operator asks of a relay, and the socket over which a running one is asked. */
export { invitationLink } from '@palmkey/envelope';
export { ControlClient } from './control-client.ts';
export { ControlServer, isServed } from './control-server.ts';
export { OperatorError } from './operator-error.ts';
export type { OperatorFault } from './operator-error.ts';
export type {
  AccountFact,
  DeviceFact,
  DoneFact,
  InvitationFact,
  InvitedFact,
  ListFact,
  OperatorDesk,
  RelayStatusFact,
  SubjectKind,
} from './protocol.ts';
