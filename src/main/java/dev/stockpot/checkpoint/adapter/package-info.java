/**
 * Low-rank adapters (LoRA; Hu et al., <a href="https://arxiv.org/abs/2106.09685">2106.09685</a>) as PEFT saves them: what {@code
 * adapter_config.json} says, which tensors are the factors of which module, and a base's tensors with their products added,
 * calculated as they are read.
 *
 * <p>What may enter: what another version of PEFT writes about LoRA. Other ways to adapt a model are refused by name.
 */
package dev.stockpot.checkpoint.adapter;
