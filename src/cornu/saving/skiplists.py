"""Attributes that Keras' walk over a model doesn't enter: facts of Keras 3.15.1, frozen.

Keras skips what a bare object of the same kind has. Lists of our own classes would differ: a user's
attribute that happens to have the name of one of *our* base attributes would vanish from files. So
cornu's further base attributes begin with `_cornu_`, and those are skipped everywhere.
"""

from __future__ import annotations

__all__ = ["SKIPPED", "is_skipped"]

_OPERATION = """
    _api_export_path _api_export_symbol_id _auto_config _get_node_attribute_at_index
    _inbound_nodes _lock _obj_type _outbound_nodes _post_build _post_track_variable
    _post_untrack_variable _remat_mode _self_unconditional_dependency_names _setattr_hook
    _unpickle_model call compute_output_spec from_config get_config input name output
    quantized_call rematerialized_call symbolic_call
"""

_LAYER = """
    _allow_non_tensor_positional_args _assert_input_compatibility _awq_call _build_at_init
    _build_by_run_for_kwargs _build_by_run_for_single_pos_arg _build_shapes_dict
    _call_context_args _call_has_context_arg _call_has_mask_arg _call_has_training_arg
    _call_signature _called _check_load_own_variables _check_quantize_args _check_super_called
    _clear_losses _convert_input_args _dtype_policy _flatten_layers _float8_call
    _get_call_context _get_own_losses _get_regularization_losses _gptq_call _initialize_tracker
    _input_spec _int4_call _int8_call _layers _lock_state _loss_ids _losses _losses_override
    _maybe_build _maybe_reset_call_context _metrics _non_trainable_variables
    _not_implemented_error _open_name_scope _parent_path _path _quantization_mode_error
    _register_call_context_args _resolve_and_populate_arg _seed_generators _set_mask_metadata
    _supports_masking _track_variable _tracker _trainable _trainable_variables _untrack_variable
    activity_regularizer add_loss add_metric add_variable add_weight autocast build
    build_from_config built call_signature_parameters compute_dtype compute_mask
    compute_output_shape count_params dtype dtype_policy get_build_config get_weights
    input_dtype input_spec load_own_variables losses metrics metrics_variables
    non_trainable_variables non_trainable_weights path quantization_mode quantize
    quantized_build save_own_variables set_weights stateless_call supports_jit supports_masking
    trainable trainable_variables trainable_weights variable_dtype variables weights
"""

_METRIC = """
    _api_export_path _api_export_symbol_id _build_metrics_set _check_super_called _dtype
    _dtype_policy _flatten_y _metrics _obj_type _self_unconditional_dependency_names _tracker
    _unpickle_model _user_metrics _user_weighted_metrics _variables add_variable add_weight
    build built dtype from_config get_config metrics name output_names reset_state result
    stateless_reset_state stateless_result stateless_update_state update_state variables
"""

_OPTIMIZER = """
    _api_export_path _api_export_symbol_id _apply_weight_decay _backend_apply_gradients
    _backend_increment_gradient_accumulators _backend_reset_gradient_accumulators
    _backend_update_step _check_super_called _check_variables_are_known _clip_by_norm
    _clip_gradients _filter_empty_gradients _get_current_learning_rate _get_variable_index
    _iterations _learning_rate _lock _obj_type _overwrite_model_variables_with_average_value
    _overwrite_variable_with_gradient _overwrite_variables_directly_with_gradients
    _self_unconditional_dependency_names _track_variable _tracker _trainable_variables
    _trainable_variables_indices _unpickle_model _untrack_variable
    _update_model_variables_moving_average _use_weight_decay _var_key _variables
    add_optimizer_variables add_variable add_variable_from_reference apply apply_gradients
    assign assign_add assign_sub build built clipnorm clipvalue ema_momentum
    ema_overwrite_frequency exclude_from_weight_decay finalize_variable_values from_config
    get_config global_clipnorm gradient_accumulation_steps iterations learning_rate
    load_own_variables loss_scale_factor name save_own_variables scale_loss set_weights
    stateless_apply update_step use_ema weight_decay
"""

_LOSS = """
    _api_export_path _api_export_symbol_id _dtype _dtype_policy _obj_type
    _self_unconditional_dependency_names _unpickle_model call dtype from_config get_config name
    reduction
"""

_CROSS = """
    _obj_type _self_unconditional_dependency_names _unpickle_model crossing_dim feature_names
    from_config get_config name output_mode
"""

_FEATURE = """
    _obj_type _self_unconditional_dependency_names _unpickle_model dtype from_config get_config
    output_mode preprocessor
"""


def _names(*texts: str) -> frozenset[str]:
    return frozenset(name for text in texts for name in text.split())


# What `_obj_type()` says -> names. All that begin with two underscores are skipped besides.
SKIPPED: dict[str, frozenset[str]] = {
    "Operation": _names(_OPERATION),
    "Layer": _names(_OPERATION, _LAYER),
    "Functional": _names(_OPERATION, _LAYER, "operations _operations"),
    "Sequential": _names(_OPERATION, _LAYER, "_functional"),
    "Metric": _names(_METRIC),
    "Optimizer": _names(_OPTIMIZER),
    "Loss": _names(_LOSS),
    "Cross": _names(_CROSS),
    "Feature": _names(_FEATURE),
}


def is_skipped(kind: str, name: str) -> bool:
    """Tell whether the walk passes over an attribute.

    Args:
        kind: What `_obj_type()` of the object says; unknown kinds count as layers.
        name: The attribute.

    Returns:
        True if nothing below it goes into files.

    Example:
        >>> is_skipped("Layer", "kernel"), is_skipped("Layer", "weights")
        (False, True)
    """
    return name.startswith(("__", "_cornu_")) or name in SKIPPED.get(kind, SKIPPED["Layer"])
