/**
 * The controller of every cloud: takes what the cluster and the cloud show, has the pool planned,
 * carries plans out and publishes what nodes may use.
 *
 * <p>Knows no Kubernetes client and no cloud SDK: the cluster comes in through {@link
 * io.portolan.common.controller.ClusterView}, supplies go out through {@link
 * io.portolan.common.controller.SupplyWriter}, the cloud is a {@link
 * io.portolan.common.cloud.CloudNetwork}.
 */
@NullMarked
package io.portolan.common.controller;

import org.jspecify.annotations.NullMarked;
