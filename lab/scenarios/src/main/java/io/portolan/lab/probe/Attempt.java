package io.portolan.lab.probe;

import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/**
 * One connection to try.
 *
 * @param id what the caller finds the answer under
 * @param channel a fresh non-blocking channel, opened in the namespace the connection starts from
 */
public record Attempt<K>(K id, SocketChannel channel, InetSocketAddress target) {}
