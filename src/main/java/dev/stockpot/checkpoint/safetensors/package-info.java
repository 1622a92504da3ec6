/**
 * The safetensors format (huggingface/safetensors), read and written. What may enter: nothing but that format.
 */
package dev.stockpot.checkpoint.safetensors;
