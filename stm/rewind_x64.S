/* Register part of the restart points for x86-64 (System V).  Invariants in rewind.h. */
    .text
    .globl stm_rewind_begin
    .type stm_rewind_begin, @function
stm_rewind_begin:               /* rdi = struct stm_rewind */
    .cfi_startproc
    endbr64
    movq %rbx,  0(%rdi)
    movq %rbp,  8(%rdi)
    movq %r12, 16(%rdi)
    movq %r13, 24(%rdi)
    movq %r14, 32(%rdi)
    movq %r15, 40(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 48(%rdi)
    movq (%rsp), %rax
    movq %rax, 56(%rdi)
    stmxcsr 64(%rdi)
    fnstcw  68(%rdi)
    jmp stm_rewind_begin_copy   /* returns FIRST or NOMEM to our caller */
    .cfi_endproc
    .size stm_rewind_begin, .-stm_rewind_begin

    .globl stm_rewind_restart
    .type stm_rewind_restart, @function
stm_rewind_restart:             /* rdi = struct stm_rewind */
    .cfi_startproc
    .cfi_undefined rip
    endbr64
    movq 48(%rdi), %rax         /* R3: below the frames to restore and below the caller */
    cmpq %rsp, %rax
    cmovaq %rsp, %rax
    leaq -128(%rax), %rsp
    andq $-16, %rsp
    movq %rdi, %rbx
    call stm_rewind_restore_copy
    movl $1, %eax
    ldmxcsr 64(%rbx)
    fnclex
    fldcw 68(%rbx)
    movq 56(%rbx), %rdx
    movq  8(%rbx), %rbp
    movq 16(%rbx), %r12
    movq 24(%rbx), %r13
    movq 32(%rbx), %r14
    movq 40(%rbx), %r15
    movq 48(%rbx), %rsp
    movq  0(%rbx), %rbx
    cld
    notrack jmp *%rdx
    .cfi_endproc
    .size stm_rewind_restart, .-stm_rewind_restart

    .globl stm_rewind_spill
    .type stm_rewind_spill, @function
stm_rewind_spill:               /* rdi = regs */
    .cfi_startproc
    endbr64
    movq %rbx,  0(%rdi)
    movq %rbp,  8(%rdi)
    movq %r12, 16(%rdi)
    movq %r13, 24(%rdi)
    movq %r14, 32(%rdi)
    movq %r15, 40(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 48(%rdi)
    movq (%rsp), %rax
    movq %rax, 56(%rdi)
    ret
    .cfi_endproc
    .size stm_rewind_spill, .-stm_rewind_spill

    .globl stm_rewind_shadow_stack_pointer
    .type stm_rewind_shadow_stack_pointer, @function
stm_rewind_shadow_stack_pointer:
    .cfi_startproc
    endbr64
    xorl %eax, %eax
    .byte 0xf3, 0x48, 0x0f, 0x1e, 0xc8      /* rdsspq %rax: a nop unless a user shadow stack is on */
    ret
    .cfi_endproc
    .size stm_rewind_shadow_stack_pointer, .-stm_rewind_shadow_stack_pointer
    .section .note.GNU-stack,"",@progbits
