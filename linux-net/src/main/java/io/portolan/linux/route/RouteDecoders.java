package io.portolan.linux.route;

import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.MessageDecoder;

/**
 * What reads each kind of message. A message whose numbers no record takes is malformed like any
 * other.
 */
final class RouteDecoders {
  static final MessageDecoder<Link> LINK =
      strict((message, found) -> found.accept(LinkCodec.read(message)));
  static final MessageDecoder<Address> ADDRESS = strict(AddressCodec::read);
  static final MessageDecoder<Route> ROUTE = strict(RouteCodec::read);
  static final MessageDecoder<Rule> RULE = strict(RuleCodec::read);
  static final MessageDecoder<Neighbor> NEIGHBOR = strict(NeighborCodec::read);
  static final MessageDecoder<FdbEntry> FDB = strict(NeighborCodec::readFdb);

  private RouteDecoders() {}

  private static <T> MessageDecoder<T> strict(MessageDecoder<T> decoder) {
    return (message, found) -> {
      try {
        decoder.decode(message, found);
      } catch (IllegalArgumentException e) {
        throw new MalformedMessageException(
            "message type " + message.type() + ": " + e.getMessage());
      }
    };
  }
}
