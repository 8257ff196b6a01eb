import type { Case } from '../harness/case.ts';
import { suiteOf } from '../harness/suite-of.ts';
import { cases as ahEspKeyExchange } from './ah-esp/key-exchange.ts';
import { cases as arpNeighbours } from './arp/neighbours.ts';
import { cases as arpOwnAddresses } from './arp/own-addresses.ts';
import { cases as arpVirtualAddress } from './arp/virtual-address.ts';
import { cases as connectionsClientPorts } from './connections/client-ports.ts';
import { cases as connectionsCounts } from './connections/counts.ts';
import { cases as connectionsRecords } from './connections/records.ts';
import { cases as connectionsReuse } from './connections/reuse.ts';
import { cases as directRouteFrames } from './direct-route/frames.ts';
import { cases as fragmentsChoices } from './fragments/choices.ts';
import { cases as fragmentsRequests } from './fragments/requests.ts';
import { cases as fragmentsResponses } from './fragments/responses.ts';
import { cases as headersBroken } from './headers/broken.ts';
import { cases as headersLinkLayer } from './headers/link-layer.ts';
import { cases as headersMartians } from './headers/martians.ts';
import { cases as headersMethodsTogether } from './headers/methods-together.ts';
import { cases as headersOptions } from './headers/options.ts';
import { cases as headersTtl } from './headers/ttl.ts';
import { cases as icmpFromClient } from './icmp/from-client.ts';
import { cases as icmpFromClientChoices } from './icmp/from-client-choices.ts';
import { cases as ftpActive } from './ftp/active.ts';
import { cases as ftpChoices } from './ftp/choices.ts';
import { cases as ftpLifetimes } from './ftp/lifetimes.ts';
import { cases as ftpPassive } from './ftp/passive.ts';
import { cases as ftpRobustness } from './ftp/robustness.ts';
import { cases as administrationChanges } from './administration/changes.ts';
import { cases as administrationIpvsadmOutput } from './administration/ipvsadm-output.ts';
import { cases as administrationListings } from './administration/listings.ts';
import { cases as administrationRefusals } from './administration/refusals.ts';
import { cases as availabilityNoServer } from './availability/no-server.ts';
import { cases as availabilityRemoved } from './availability/removed.ts';
import { cases as availabilitySettings } from './availability/settings.ts';
import { cases as icmpAboutGueAndGre } from './icmp/about-gue-and-gre.ts';
import { cases as icmpAboutTunnel } from './icmp/about-tunnel.ts';
import { cases as icmpAboutTunnelChoices } from './icmp/about-tunnel-choices.ts';
import { cases as icmpOwnErrors } from './icmp/own-errors.ts';
import { cases as icmpFromServer } from './icmp/from-server.ts';
import { cases as icmpFromServerChoices } from './icmp/from-server-choices.ts';
import { cases as ipv6Forwarding } from './ipv6/forwarding.ts';
import { cases as ipv6Tunnels } from './ipv6/tunnels.ts';
import { cases as ipv6HopLimit } from './ipv6/hop-limit.ts';
import { cases as ipv6Neighbours } from './ipv6/neighbours.ts';
import { cases as ipv6Mtu } from './ipv6/mtu.ts';
import { cases as ipv6Errors } from './ipv6/errors.ts';
import { cases as ipv6Fragments } from './ipv6/fragments.ts';
import { cases as ipv6ExtensionHeaders } from './ipv6/extension-headers.ts';
import { cases as ipv6Choices } from './ipv6/choices.ts';
import { cases as ipv6Ftp } from './ipv6/ftp.ts';
import { cases as ipv6Persistence } from './ipv6/persistence.ts';
import { cases as ipv6GueAndGre } from './ipv6/gue-and-gre.ts';
import { cases as ipv6AhEsp } from './ipv6/ah-esp.ts';
import { cases as ipv6Sctp } from './ipv6/sctp.ts';
import { cases as mtuRequests } from './mtu/requests.ts';
import { cases as mtuResponses } from './mtu/responses.ts';
import { cases as natChecksum } from './nat/checksum.ts';
import { cases as natConnections } from './nat/connections.ts';
import { cases as natReach } from './nat/reach.ts';
import { cases as natRequest } from './nat/request.ts';
import { cases as natStrangers } from './nat/strangers.ts';
import { cases as natUnchanged } from './nat/unchanged.ts';
import { cases as fwmarkServices } from './fwmark/services.ts';
import { cases as onePacketDatagrams } from './one-packet/datagrams.ts';
import { cases as persistenceAnyPort } from './persistence/any-port.ts';
import { cases as persistenceFtp } from './persistence/ftp.ts';
import { cases as persistenceSameServer } from './persistence/same-server.ts';
import { cases as persistenceSip } from './persistence/sip.ts';
import { cases as persistenceTemplates } from './persistence/templates.ts';
import { cases as schedulingChanges } from './scheduling/changes.ts';
import { cases as schedulingHashing } from './scheduling/hashing.ts';
import { cases as schedulingLoadAndWeight } from './scheduling/load-and-weight.ts';
import { cases as schedulingLocality } from './scheduling/locality.ts';
import { cases as schedulingMaglev } from './scheduling/maglev.ts';
import { cases as schedulingMixedChanges } from './scheduling/mixed-changes.ts';
import { cases as schedulingOrders } from './scheduling/orders.ts';
import { cases as schedulingShares } from './scheduling/shares.ts';
import { cases as schedulingThresholds } from './scheduling/thresholds.ts';
import { cases as schedulingTwoChoices } from './scheduling/two-choices.ts';
import { cases as sctpAssociations } from './sctp/associations.ts';
import { cases as sctpEveryCell } from './sctp/every-cell.ts';
import { cases as sctpInjectedCells } from './sctp/injected-cells.ts';
import { cases as stackClosedPorts } from './stack/closed-ports.ts';
import { cases as stackEcho } from './stack/echo.ts';
import { cases as stackLocalNode } from './stack/local-node.ts';
import { cases as stackRouter } from './stack/router.ts';
import { cases as statesBesideSegments } from './states/beside-segments.ts';
import { cases as statesEveryCell } from './states/every-cell.ts';
import { cases as statesFlags } from './states/flags.ts';
import { cases as statesHalfLife } from './states/half-life.ts';
import { cases as statesNatLife } from './states/nat-life.ts';
import { cases as defenceNewConnections } from './defence/new-connections.ts';
import { cases as defenceSweeps } from './defence/sweeps.ts';
import { cases as statisticsCounts } from './statistics/counts.ts';
import { cases as statesInjectedCells } from './states/injected-cells.ts';
import { cases as syncBackup } from './sync/backup.ts';
import { cases as syncHostile } from './sync/hostile.ts';
import { cases as syncMessagesSent } from './sync/messages-sent.ts';
import { cases as syncPackets } from './sync/packets.ts';
import { cases as syncProtocols } from './sync/protocols.ts';
import { cases as syncIpv6 } from './sync/ipv6.ts';
import { cases as syncMarks } from './sync/marks.ts';
import { cases as syncErrors } from './sync/errors.ts';
import { cases as statesSecureLife } from './states/secure-life.ts';
import { cases as syncTakeover } from './sync/takeover.ts';
import { cases as timeoutsDefaults } from './timeouts/defaults.ts';
import { cases as timeoutsEnds } from './timeouts/ends.ts';
import { cases as timeoutsRenewal } from './timeouts/renewal.ts';
import { cases as timeoutsSet } from './timeouts/set.ts';
import { cases as tunnelConnections } from './tunnel/connections.ts';
import { cases as tunnelGueAndGre } from './tunnel/gue-and-gre.ts';
import { cases as tunnelOuterHeader } from './tunnel/outer-header.ts';
import { cases as tunnelTypeOfServer } from './tunnel/type-of-server.ts';

/** Every case there is, sorted by id. */
export const suite: readonly Case[] = suiteOf(
  ahEspKeyExchange,
  sctpAssociations,
  sctpEveryCell,
  sctpInjectedCells,
  arpVirtualAddress,
  natRequest,
  natConnections,
  natStrangers,
  natReach,
  natUnchanged,
  natChecksum,
  directRouteFrames,
  tunnelOuterHeader,
  tunnelConnections,
  tunnelGueAndGre,
  tunnelTypeOfServer,
  headersMethodsTogether,
  headersTtl,
  headersOptions,
  headersBroken,
  headersLinkLayer,
  headersMartians,
  mtuRequests,
  mtuResponses,
  icmpFromClient,
  icmpFromClientChoices,
  ftpActive,
  ftpChoices,
  ftpLifetimes,
  ftpPassive,
  ftpRobustness,
  administrationChanges,
  administrationIpvsadmOutput,
  administrationListings,
  administrationRefusals,
  availabilityNoServer,
  availabilityRemoved,
  availabilitySettings,
  icmpAboutTunnel,
  icmpAboutTunnelChoices,
  icmpAboutGueAndGre,
  icmpOwnErrors,
  icmpFromServer,
  icmpFromServerChoices,
  statesBesideSegments,
  statesEveryCell,
  statesFlags,
  statesHalfLife,
  statesNatLife,
  statesSecureLife,
  fragmentsRequests,
  fragmentsResponses,
  fragmentsChoices,
  defenceNewConnections,
  defenceSweeps,
  statisticsCounts,
  ipv6Forwarding,
  ipv6Tunnels,
  ipv6HopLimit,
  ipv6Neighbours,
  ipv6Mtu,
  ipv6Errors,
  ipv6Fragments,
  ipv6ExtensionHeaders,
  ipv6Choices,
  ipv6Ftp,
  ipv6Persistence,
  ipv6GueAndGre,
  ipv6AhEsp,
  ipv6Sctp,
  timeoutsDefaults,
  timeoutsEnds,
  timeoutsRenewal,
  timeoutsSet,
  arpOwnAddresses,
  arpNeighbours,
  stackEcho,
  stackClosedPorts,
  stackRouter,
  stackLocalNode,
  fwmarkServices,
  onePacketDatagrams,
  persistenceAnyPort,
  persistenceFtp,
  persistenceSameServer,
  persistenceSip,
  persistenceTemplates,
  schedulingChanges,
  schedulingOrders,
  schedulingShares,
  schedulingThresholds,
  schedulingMixedChanges,
  schedulingLoadAndWeight,
  schedulingHashing,
  schedulingMaglev,
  schedulingLocality,
  schedulingTwoChoices,
  connectionsClientPorts,
  connectionsCounts,
  connectionsRecords,
  connectionsReuse,
  statesInjectedCells,
  syncPackets,
  syncProtocols,
  syncIpv6,
  syncMarks,
  syncErrors,
  syncMessagesSent,
  syncBackup,
  syncHostile,
  syncTakeover,
);
