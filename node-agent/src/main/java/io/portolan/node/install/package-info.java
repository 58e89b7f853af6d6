/**
 * Puts the plugin and its configuration where the container runtime looks for them, and takes them
 * away again.
 *
 * <pre>
 *   CNI directory ──> {@link io.portolan.node.install.CniDirectory} ──> {@link io.portolan.node.install.InstallPlan}
 *        ^                                                                     │
 *        └──────────── {@link io.portolan.node.install.CniInstaller} <─────────┘
 * </pre>
 *
 * <p>The configuration is written last of all: from then on the kubelet calls the node ready.
 */
@NullMarked
package io.portolan.node.install;

import org.jspecify.annotations.NullMarked;
