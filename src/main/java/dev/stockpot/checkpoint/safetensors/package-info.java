/** The safetensors format (huggingface/safetensors), read and written. */
package dev.stockpot.checkpoint.safetensors;
