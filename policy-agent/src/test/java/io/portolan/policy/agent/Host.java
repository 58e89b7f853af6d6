package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A namespace behind a link of the node: a pod, or a host out in the network. */
record Host(NetworkNamespace namespace, String hostInterface, List<IpAddress> addresses) {

  IpAddress address(boolean ipv4) {
    return addresses.stream().filter(a -> a.isIpv4() == ipv4).findFirst().orElseThrow();
  }

  /** A socket bound to one of the host's addresses and a port of the kernel's choice. */
  SocketChannel tcp(IpAddress source) {
    return open(() -> {
      SocketChannel channel = SocketChannel.open(family(source));
      channel.configureBlocking(false);
      channel.bind(new InetSocketAddress(source.toInetAddress(), 0));
      return channel;
    });
  }

  DatagramChannel udp(IpAddress source, int port) {
    return open(() -> {
      DatagramChannel channel = DatagramChannel.open(family(source));
      channel.configureBlocking(false);
      channel.bind(new InetSocketAddress(source.toInetAddress(), port));
      return channel;
    });
  }

  ServerSocketChannel listen(IpAddress address, int port) {
    return open(() -> {
      ServerSocketChannel channel = ServerSocketChannel.open(family(address));
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(address.toInetAddress(), port));
      return channel;
    });
  }

  private static StandardProtocolFamily family(IpAddress address) {
    return address.isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
  }

  /** Opens a socket in the namespace; it stays there wherever it is used. */
  private interface Opening<T> {
    T open() throws IOException;
  }

  private <T> T open(Opening<T> opening) {
    try {
      return namespace.call(opening::open);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
