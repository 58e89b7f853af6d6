package io.portolan.linux.netlink;

/**
 * An NLMSG_ERROR message, which also acknowledges success, or the NLMSG_DONE that ends a dump.
 *
 * <pre>
 *  ERROR: | int error (0 or -errno) | nlmsghdr of the request | request payload unless CAPPED | attributes if ACK_TLVS |
 *  DONE:  | int error (0 or -errno) | attributes if ACK_TLVS |
 * </pre>
 *
 * @param errno positive; 0 for success
 * @param message the kernel's words, of an error or a warning; empty if none
 * @param attributeOffset offending byte of the request, -1 if not said
 */
record Acknowledgement(int errno, String message, int attributeOffset) {
  // linux/netlink.h, enum nlmsgerr_attrs
  private static final int ATTR_MSG = 1;
  private static final int ATTR_OFFSET = 2;
  private static final int ATTR_MISSING_TYPE = 5;

  static Acknowledgement of(NetlinkMessage message) {
    if (message.type() == NetlinkHeader.DONE && message.length() < Integer.BYTES) {
      return new Acknowledgement(0, "", -1);
    }
    int errno = -message.u32(0);
    if (errno < 0) {
      throw new MalformedMessageException(
          "an acknowledgement carries the positive number " + -errno);
    }
    if ((message.flags() & NetlinkFlags.ACK_ATTRIBUTES) == 0) {
      return new Acknowledgement(errno, "", -1);
    }
    return extended(errno, message.attributes(attributesAt(message)));
  }

  private static int attributesAt(NetlinkMessage message) {
    if (message.type() == NetlinkHeader.DONE) {
      return Integer.BYTES;
    }
    if ((message.flags() & NetlinkFlags.CAPPED) != 0) {
      return Integer.BYTES + NetlinkHeader.BYTES;
    }
    int requestLength = message.u32(Integer.BYTES + NetlinkHeader.LENGTH);
    if (requestLength < NetlinkHeader.BYTES || requestLength > message.length()) {
      throw new MalformedMessageException(
          "an acknowledgement quotes a request of " + requestLength + " bytes");
    }
    return Integer.BYTES + NetlinkHeader.align(requestLength);
  }

  private static Acknowledgement extended(int errno, AttributeReader attributes) {
    StringBuilder text = new StringBuilder();
    int offset = -1;
    while (attributes.next()) {
      switch (attributes.type()) {
        case ATTR_MSG -> text.insert(0, attributes.string());
        case ATTR_OFFSET -> offset = attributes.u32();
        case ATTR_MISSING_TYPE ->
            text.append(text.isEmpty() ? "" : ", ")
                .append("missing attribute ")
                .append(attributes.u32());
        default -> {}
      }
    }
    return new Acknowledgement(errno, text.toString(), offset);
  }

  boolean failed() {
    return errno != 0;
  }

  NetlinkException exception(String request) {
    return new NetlinkException(request, errno, message, attributeOffset);
  }
}
